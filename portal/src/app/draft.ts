// What somebody has typed and not sent yet: kept in this tab, so that a reload or a sign-in loses nothing.

export class Draft<T extends object> {
  readonly values: T;

  constructor(
    readonly name: string,
    empty: T,
  ) {
    this.values = { ...empty, ...read(name) };
  }

  set(values: Partial<T>): void {
    Object.assign(this.values, values);
    sessionStorage.setItem(this.name, JSON.stringify(this.values));
  }

  forget(): void {
    sessionStorage.removeItem(this.name);
  }
}

function read(name: string): object {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(name) ?? "{}");
    return typeof kept === "object" && kept !== null ? kept : {};
  } catch {
    return {};
  }
}
