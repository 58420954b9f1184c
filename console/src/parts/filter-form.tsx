/** The fields above a list, and the button that searches. */
import type { ComponentChildren } from 'preact';

interface FilterFormProps {
  /** Of what it searches. */
  readonly label: string;
  readonly onSearch: () => void;
  readonly children: ComponentChildren;
  readonly button?: string;
}

export function FilterForm({ label, onSearch, children, button = 'Search' }: FilterFormProps) {
  return (
    <form
      class="filters"
      role="search"
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault();
        onSearch();
      }}
    >
      {children}
      <button type="submit">{button}</button>
    </form>
  );
}
