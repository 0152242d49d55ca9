// The address bar: where the reader is, and how a page goes elsewhere or keeps its filters there.

export interface Address {
  path: string;
  query: URLSearchParams;
}

const CHANGED = "address-changed";

export const address = (): Address => ({ path: location.pathname, query: new URLSearchParams(location.search) });

/** Opens another page; `replace` takes the place of the present entry in the history. */
export function go(to: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, "", to);
  else history.pushState(null, "", to);
  dispatchEvent(new Event(CHANGED));
}

/** Keeps a filter in the address, so that the view can be sent to a colleague; an empty value takes it out. */
export function setQuery(values: Record<string, string>): void {
  const { path, query } = address();
  for (const [name, value] of Object.entries(values)) {
    if (value) query.set(name, value);
    else query.delete(name);
  }
  const text = query.toString();
  history.replaceState(null, "", text ? `${path}?${text}` : path);
}

/** Tells of each change, by a page or by back and forward; links within the portal become changes. */
export function watchAddress(changed: () => void): void {
  addEventListener(CHANGED, changed);
  addEventListener("popstate", changed);
  document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    if (!link || !plain || event.defaultPrevented || link.target || link.origin !== location.origin) return;
    event.preventDefault();
    go(link.pathname + link.search);
  });
}
