// The calls that the pages make, by name; docs/api.md says what each takes, answers and refuses.

import type { Answer, Api } from "./call.js";
import type {
  AddedRegistration,
  ChangedService,
  CopiedLink,
  CustomerView,
  EventView,
  InvitationRow,
  InvitationView,
  M365View,
  Me,
  NewCustomer,
  NewService,
  OwedView,
  Reinitiation,
  Resend,
  ServiceView,
  ShortNameView,
} from "./schema.js";

export interface Listed<T> {
  value: T[];
  nextLink: string | null;
}

/** What a change is told: what the person saw, and whom to tell when an answer is missing. */
export interface Seen {
  etag: string;
  onDoubt?: (attempt: number) => void;
}

export interface Made {
  key: string;
  onDoubt?: (attempt: number) => void;
}

export class Calls {
  constructor(readonly api: Api) {}

  me = (signal?: AbortSignal): Promise<Me> => this.#read("/api/me", signal);
  customers = (name: string, signal?: AbortSignal): Promise<Listed<CustomerView>> =>
    this.#read(`/api/customers?${new URLSearchParams({ name })}`, signal);
  shortName = (value: string, signal?: AbortSignal): Promise<ShortNameView> =>
    this.#read(`/api/short-names?${new URLSearchParams({ value })}`, signal);
  services = (query: Record<string, string>, signal?: AbortSignal): Promise<Listed<ServiceView>> =>
    this.#read(`/api/services${asked(query)}`, signal);
  service = (id: string, signal?: AbortSignal): Promise<ServiceView> => this.#read(`/api/services/${id}`, signal);
  events = (id: string, signal?: AbortSignal): Promise<Listed<EventView>> =>
    this.#read(`/api/services/${id}/events`, signal);
  m365 = (id: string, signal?: AbortSignal): Promise<M365View> => this.#read(`/api/services/${id}/m365`, signal);
  invitations = (query: Record<string, string>, signal?: AbortSignal): Promise<Listed<InvitationRow>> =>
    this.#read(`/api/invitations${asked(query)}`, signal);
  invitation = (id: string, signal?: AbortSignal): Promise<InvitationView> =>
    this.#read(`/api/invitations/${id}`, signal);
  next = <T>(link: string, signal?: AbortSignal): Promise<Listed<T>> => this.#read(link, signal);

  newCustomer = (body: NewCustomer, made: Made): Promise<CustomerView> => this.#make("/api/customers", body, made);
  newService = (customer: string, body: NewService, made: Made): Promise<ServiceView> =>
    this.#make(`/api/customers/${customer}/services`, body, made);

  changeService = (id: string, body: ChangedService, seen: Seen): Promise<ServiceView> =>
    this.#send("PATCH", `/api/services/${id}`, seen, body);
  cancel = (id: string, seen: Seen): Promise<ServiceView> => this.#send("POST", `/api/services/${id}/cancel`, seen);
  disconnect = (id: string, seen: Seen): Promise<ServiceView> =>
    this.#send("POST", `/api/services/${id}/disconnect`, seen);
  erase = (id: string, seen: Seen): Promise<ServiceView> => this.#send("POST", `/api/services/${id}/erase`, seen);
  addRegistration = (id: string, body: AddedRegistration, seen: Seen): Promise<ServiceView> =>
    this.#send("POST", `/api/services/${id}/registration`, seen, body);
  validate = (id: string, seen: Seen): Promise<M365View> =>
    this.#send("POST", `/api/services/${id}/m365/validate`, seen);
  complete = (id: string, seen: Seen): Promise<ServiceView> => this.#send("POST", `/api/services/${id}/complete`, seen);
  reinitiate = (id: string, body: Reinitiation, seen: Seen): Promise<InvitationView> =>
    this.#send("POST", `/api/services/${id}/invitations`, seen, body);
  resend = (id: string, body: Resend, seen: Seen): Promise<InvitationView> =>
    this.#send("POST", `/api/invitations/${id}/resend`, seen, body);
  extend = (id: string, expiresAt: string, seen: Seen): Promise<InvitationView> =>
    this.#send("POST", `/api/invitations/${id}/extend`, seen, { expiresAt });
  revoke = (id: string, seen: Seen): Promise<InvitationView> =>
    this.#send("POST", `/api/invitations/${id}/revoke`, seen);
  copyLink = (id: string, seen: Seen): Promise<CopiedLink> => this.#send("POST", `/api/invitations/${id}/link`, seen);
  wake = (work: string): Promise<OwedView> => this.#send("POST", `/api/owed/${work}/wake`, {});

  async #read<T>(path: string, signal?: AbortSignal): Promise<T> {
    return content(this.api.send<T>({ method: "GET", path, ...(signal ? { signal } : {}) }));
  }

  async #make<T>(path: string, body: unknown, made: Made): Promise<T> {
    return content(this.api.send<T>({ method: "POST", path, body, ...made }));
  }

  async #send<T>(method: "POST" | "PATCH", path: string, seen: Partial<Seen>, body?: unknown): Promise<T> {
    return content(this.api.send<T>({ method, path, ...(body === undefined ? {} : { body }), ...seen }));
  }
}

const content = async <T>(answer: Promise<Answer<T>>): Promise<T> => (await answer).content;

const asked = (query: Record<string, string>): string => {
  const text = new URLSearchParams(query).toString();
  return text && `?${text}`;
};
