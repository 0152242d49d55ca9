// What screen readers are told of at their next pause.

/** @param text a sentence; the same one again is told again. */
export function announce(text: string): void {
  const place = document.getElementById("announcer");
  if (!place) return;
  place.textContent = "";
  requestAnimationFrame(() => (place.textContent = text));
}
