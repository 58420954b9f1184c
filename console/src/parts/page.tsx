/** The frame of a page: its heading, which takes the focus when one comes from another page, and its title. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

interface PageProps {
  readonly title: ComponentChildren;
  /** Of the window; where the heading holds more than text. */
  readonly windowTitle?: string;
  readonly lead?: ComponentChildren;
  readonly actions?: ComponentChildren;
  readonly children: ComponentChildren;
}

let isFirst = true;

export function PageFrame({ title, windowTitle, lead, actions, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  const words = windowTitle ?? (typeof title === 'string' ? title : '');
  useEffect(() => {
    document.title = words === '' ? 'Posthorn' : `${words} · Posthorn`;
  }, [words]);
  useEffect(() => {
    if (!isFirst) heading.current?.focus({ preventScroll: true });
    isFirst = false;
  }, []);
  return (
    <main id="main">
      <header class="page-head">
        <h1 tabIndex={-1} ref={heading}>
          {title}
        </h1>
        {actions !== undefined && <div class="row actions">{actions}</div>}
      </header>
      {lead !== undefined && <p class="lead">{lead}</p>}
      {children}
    </main>
  );
}
