/** What surrounds every page: where one can go with this key, and whose it is. */
import type { ComponentChildren } from 'preact';
import { useLocation } from 'preact-iso';
import { useEffect, useRef } from 'preact/hooks';
import type { Me } from '../relay/answers.ts';
import { ROLE_WORDS, may, type Permission } from '../words/permission.ts';
import icon from '../posthorn.svg';

interface Place {
  readonly href: string;
  readonly label: string;
  readonly needs: Permission;
}

const PLACES: readonly Place[] = [
  { href: '/console', label: 'Overview', needs: 'readHooks' },
  { href: '/console/sources', label: 'Sources', needs: 'readTenant' },
  { href: '/console/hooks', label: 'Hooks', needs: 'readHooks' },
  { href: '/console/deliveries', label: 'Deliveries', needs: 'readHooks' },
  { href: '/console/events', label: 'Events', needs: 'readTenant' },
  { href: '/console/replay', label: 'Replay', needs: 'readHooks' },
  { href: '/console/live', label: 'Live', needs: 'readTenant' },
  { href: '/console/keys', label: 'Keys', needs: 'readTenant' },
  { href: '/console/audit', label: 'Audit', needs: 'readTenant' },
  { href: '/console/settings', label: 'Settings', needs: 'readTenant' },
  { href: '/console/switches', label: 'Switches', needs: 'operate' },
];

interface ShellProps {
  readonly me: Me;
  readonly onSignOut: () => void;
  readonly children: ComponentChildren;
}

export function Shell({ me, onSignOut, children }: ShellProps) {
  const { path } = useLocation();
  const here = path.replace(/\/$/, '');
  const isHere = ({ href }: Place) =>
    href === '/console' ? here === href : here === href || here.startsWith(`${href}/`);
  const nav = useRef<HTMLElement>(null);
  // Where there is little room, the places are scrolled.
  useEffect(() => {
    nav.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }, [here]);
  return (
    <div class="shell">
      <a class="skip" href="#main">
        Skip to the page
      </a>
      <header class="top">
        <a class="brand" href="/console">
          <img src={icon} alt="" width="28" height="28" /> Posthorn
        </a>
        <p class="whose" title={ROLE_WORDS[me.role]}>
          <span class="unseen">Tenant </span>
          <strong>{me.tenant}</strong> <span class="faint">as {me.role}</span>
        </p>
        <button type="button" class="quiet" onClick={onSignOut}>
          Sign out
        </button>
      </header>
      <nav aria-label="Pages" ref={nav}>
        <ul>
          {PLACES.filter(({ needs }) => may(me.role, needs)).map((place) => (
            <li key={place.href}>
              <a href={place.href} aria-current={isHere(place) ? 'page' : undefined}>
                {place.label}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      {children}
    </div>
  );
}
