// The API's shapes, made from its own description by `make docs`; a test holds them up to date.

export type paths = Record<string, never>;
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @enum {string} */
        ActorKind: "operator" | "admin" | "system";
        /** @description Who acted. `id` is an operator's object id in the provider's directory: it stays when the name was erased. */
        ActorView: {
            kind: components["schemas"]["ActorKind"];
            name: string;
            id: string | null;
        };
        /** @description Step 14: what the operator saw, and whether a doubtful tenant is acknowledged. */
        AddedRegistration: {
            /** Format: uuid */
            tenantId: string;
            /** Format: uuid */
            clientId: string;
            /** @default false */
            acknowledged?: boolean;
        };
        /**
         * @description Why a service needs a person.
         * @enum {string}
         */
        AttentionCode: "mail-failed" | "mail-waits" | "check-waits" | "check-given-up" | "link-requested" | "expired" | "declined" | "locked" | "validation-failed" | "creation-failed";
        /**
         * @description Why a person must do something about a service, since when, and the calls that mend it, by ``operationId``.
         *
         *     `work` is the id of the owed work that can be woken at once, where it only waits.
         */
        AttentionView: {
            code: components["schemas"]["AttentionCode"];
            since: string | null;
            detail: string;
            calls: components["schemas"]["Mend"][];
            work: string | null;
        };
        /** @description A new name, another tenant (null for none), archived or restored; what is left out stays. */
        ChangedCustomer: {
            /** @description Visible characters. */
            name?: string;
            tenantId?: string | null;
            archived?: boolean;
        };
        /** @description Another full name, licence or number of users; what is left out stays. */
        ChangedService: {
            /** @description Visible characters. */
            fullName?: string;
            license?: components["schemas"]["License"];
            licensedUsers?: number;
        };
        /**
         * @description How a link reached whoever used it.
         * @enum {string}
         */
        Channel: "mail" | "copy" | "reminder";
        /** @description A check as the operator sees it; `nextAt` is when Microsoft is asked again. */
        CheckView: {
            purpose: components["schemas"]["Purpose"];
            /** Format: date-time */
            startedAt: string;
            finishedAt: string | null;
            outcome: components["schemas"]["Outcome"] | null;
            waitingFor: string | null;
            attempts: number;
            items: components["schemas"]["ItemView"][];
            id: string;
            nextAt: string | null;
        };
        /** @description The provider's colours, ``#rrggbb``. */
        ColorsView: {
            accent: string;
            onAccent: string;
        };
        /** @description Whom to call at the provider. */
        ContactView: {
            name: string;
            email: string | null;
            phone: string | null;
        };
        /** @description The only reply that ever carries a link. */
        CopiedLink: {
            link: string;
            /** Format: date-time */
            expiresAt: string;
            etag: string;
        };
        /**
         * @description Certificates and federated credentials will join.
         * @enum {string}
         */
        CredentialKind: "secret";
        CustomerName: {
            id: string;
            name: string;
        };
        CustomerView: {
            id: string;
            name: string;
            tenantId: string | null;
            /** Format: date-time */
            createdAt: string;
            archivedAt: string | null;
            etag: string;
        };
        /** @description *Decline*, perhaps with a reason for the operator to read. */
        Decline: {
            /** @default null */
            reason?: string | null;
        };
        /**
         * @description Whether the invited address's domain is one of the tenant's verified domains.
         * @enum {string}
         */
        DomainMatch: "match" | "differs" | "unknown";
        /** @description Who did what, when. A later version may tell of more than these. */
        EventView: {
            /** Format: date-time */
            at: string;
            /** @enum {string} */
            what: "service-created" | "service-changed" | "service-activated" | "service-cancelled" | "service-disconnected" | "customer-created" | "customer-changed" | "customer-renamed" | "customer-archived" | "customer-restored" | "customer-pinned" | "personal-data-erased" | "invitation-resent" | "invitation-extended" | "invitation-revoked" | "invitation-declined" | "invitation-expired" | "invitation-locked" | "invitation-reinitiated" | "link-copied" | "link-requested" | "mail-sent" | "mail-waits" | "mail-failed" | "mail-dropped" | "credentials-submitted" | "credentials-refused" | "authenticated" | "check-waits" | "check-given-up" | "check-superseded" | "registration-added" | "registration-replaced" | "validation-started" | "validation-passed" | "validation-failed" | "completion-started" | "creation-failed";
            by: components["schemas"]["ActorView"];
            details: {
                [key: string]: string;
            };
        };
        /** @enum {string} */
        ExpirySource: "graph" | "typed";
        /** @description *Extend*: the invitation's new end. */
        Extension: {
            /**
             * Format: date-time
             * @description 1 hour to 30 days from now.
             */
            expiresAt: string;
        };
        /**
         * @description `late`: the sweep does not run, or work waits too long or cannot be read. `starting`: no sweep has run.
         *
         *     `oldestDue` is since when the work that has waited longest waits. It never says whose it is.
         */
        Health: {
            /** @enum {string} */
            status: "ok" | "starting" | "late";
            lastSweep: string | null;
            oldestDue: string | null;
            oldestDueKind: components["schemas"]["Kind"] | null;
            unreadable: number;
        };
        /**
         * @description An invitation as the Pending Invitations page lists it; `etag` is its service's.
         *
         *     An e-mail that is stuck says what it waits for and when it is tried next, or why it failed. `attention` is for
         *     its service as a whole. `language` is its e-mail's. `adminEmail` is null once it was erased.
         */
        InvitationRow: {
            id: string;
            serviceId: string;
            customer: components["schemas"]["CustomerName"];
            shortName: string;
            fullName: string;
            adminEmail: string | null;
            language: string;
            invitedBy: string;
            status: components["schemas"]["InvitationStatus"];
            deviceAuthenticated: boolean;
            emailState: components["schemas"]["MailState"];
            emailReason: string | null;
            emailWaitingFor: string | null;
            emailAttempts: number;
            emailStuckSince: string | null;
            emailNextAt: string | null;
            emailSentAt: string | null;
            emailSentCount: number;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            expiresAt: string;
            triesLeft: number;
            channel: components["schemas"]["Channel"] | null;
            linkRequestedAt: string | null;
            reason: components["schemas"]["ReasonView"] | null;
            attention: components["schemas"]["AttentionView"] | null;
            etag: string;
        };
        /** @enum {string} */
        InvitationStatus: "pending" | "validating" | "authenticated" | "accepted" | "expired" | "revoked" | "declined" | "locked";
        /** @description An invitation in full: its row, its links, the submission's check. */
        InvitationView: {
            id: string;
            serviceId: string;
            customer: components["schemas"]["CustomerName"];
            shortName: string;
            fullName: string;
            adminEmail: string | null;
            language: string;
            invitedBy: string;
            status: components["schemas"]["InvitationStatus"];
            deviceAuthenticated: boolean;
            emailState: components["schemas"]["MailState"];
            emailReason: string | null;
            emailWaitingFor: string | null;
            emailAttempts: number;
            emailStuckSince: string | null;
            emailNextAt: string | null;
            emailSentAt: string | null;
            emailSentCount: number;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            expiresAt: string;
            triesLeft: number;
            channel: components["schemas"]["Channel"] | null;
            linkRequestedAt: string | null;
            reason: components["schemas"]["ReasonView"] | null;
            attention: components["schemas"]["AttentionView"] | null;
            etag: string;
            links: components["schemas"]["LinkView"][];
            check: components["schemas"]["CheckView"] | null;
        };
        /** @description The provider, as an admin sees it; `styles` is the path of a style sheet with its colours. */
        Inviter: {
            name: string;
            contact: components["schemas"]["ContactView"];
            styles: string;
        };
        /**
         * @description The items of a check, in the order in which they are looked at.
         * @enum {string}
         */
        ItemName: "tenant" | "sign-in" | "service-principal" | "resources" | "permissions" | "organization" | "domain" | "directory-roles" | "secret-expiry";
        /** @enum {string} */
        ItemState: "waiting" | "passed" | "warning" | "failed";
        ItemView: {
            name: components["schemas"]["ItemName"];
            title: string;
            state: components["schemas"]["ItemState"];
            detail: string;
            steps: string[];
            traceId: string | null;
        };
        /**
         * @description What can be owed; each kind is served by the queue of the same name.
         * @enum {string}
         */
        Kind: "mail" | "check" | "expire" | "rename" | "forget";
        /** @description A language that invitations can be written in, by its own name. */
        LanguageView: {
            code: string;
            name: string;
        };
        /** @enum {string} */
        License: "HostedEssentialsPlus" | "HostedPro";
        /**
         * @description Why a link died.
         * @enum {string}
         */
        LinkEnd: "expired" | "replaced" | "revoked" | "declined" | "locked" | "cancelled" | "used";
        /** @description *Ask for a new link*: since when the provider sees that somebody asks. */
        LinkRequest: {
            /** @default true */
            requested: boolean;
            /** Format: date-time */
            requestedAt: string;
            provider: components["schemas"]["Inviter"];
        };
        /** @description A link, without anything that opens it. */
        LinkView: {
            channel: components["schemas"]["Channel"];
            by: string;
            /** Format: date-time */
            at: string;
            diedAt: string | null;
            why: components["schemas"]["LinkEnd"] | null;
        };
        /**
         * @description The Microsoft 365 Settings page (steps 19 to 21). `permissions` and `directoryRoles` are what the latest
         *     token of the registration held, and `missingPermissions` what it lacked.
         */
        M365View: {
            tenantId: string;
            tenantName: string | null;
            verifiedDomains: string[];
            applicationId: string;
            applicationName: string | null;
            secretHint: string | null;
            secretExpiresOn: string | null;
            secretExpiresSource: components["schemas"]["ExpirySource"] | null;
            secretDaysUntilExpire: number | null;
            secretExpiryUnknownWhy: string | null;
            channel: components["schemas"]["Channel"];
            permissions: string[];
            missingPermissions: components["schemas"]["MissingPermission"][];
            directoryRoles: string[];
            check: components["schemas"]["CheckView"] | null;
            state: components["schemas"]["ServiceState"];
            reason: components["schemas"]["ReasonView"] | null;
            attention: components["schemas"]["AttentionView"] | null;
            etag: string;
        };
        /** @enum {string} */
        MailState: "queued" | "sent" | "failed" | "dropped";
        /** @description Who is signed in, for which provider, in which role; and the languages on offer, English first. */
        Me: {
            provider: components["schemas"]["ProviderView"];
            user: components["schemas"]["UserView"];
            /** @enum {string} */
            role: "operator" | "monitor";
            languages: components["schemas"]["LanguageView"][];
        };
        /**
         * @description The calls that mend what needs a person, by their ``operationId``.
         * @enum {string}
         */
        Mend: "resend_invitation" | "copy_link" | "revoke_invitation" | "reinitiate_invitation" | "validate_m365" | "complete_service" | "wake_owed";
        /** @description A permission that was asked for and is not granted; `detail` says what breaks without it. */
        MissingPermission: {
            name: string;
            detail: string;
        };
        /** @description `tenantId` is the customer's Microsoft tenant, where it is known. */
        NewCustomer: {
            /** @description Visible characters. */
            name: string;
            /** @default null */
            tenantId?: string | null;
        };
        /** @description Steps 1 to 7. `sendLink` is this product's one way, so it must be true. */
        NewService: {
            type: components["schemas"]["ServiceType"];
            /** @description Visible characters. */
            fullName: string;
            /** @description 3 to 15 characters. Not allowed: \ / : * ? " < > | and the full stop, spaces of any kind, invisible characters, and the word audit anywhere in the name. Upper and lower case count as the same name. */
            shortName: string;
            license: components["schemas"]["License"];
            licensedUsers: number;
            /** Format: email */
            adminEmail: string;
            /**
             * @default true
             * @enum {boolean}
             */
            sendLink?: true;
            /** @default null */
            expiresAt?: string | null;
            /**
             * @description The e-mail's language.
             * @default en
             * @enum {string}
             */
            language?: "en" | "de" | "es" | "fr";
        };
        /**
         * @description `refused`: something required failed. `unavailable`: Microsoft could not be asked, in time or at all.
         * @enum {string}
         */
        Outcome: "passed" | "refused" | "unavailable";
        /**
         * @description A piece of owed work that is late; of a row that cannot be read only the `key` is known.
         *
         *     `id` never changes, and is what wakes it; `key` is that of its row, for whoever looks into the table.
         *     `owedSince` is when the work arose, `waitingSince` since when it could have been done, `nextAt` when the
         *     sweep looks at it next. `attempts` is how often a worker has begun it.
         */
        OwedView: {
            id: string | null;
            key: string;
            kind: components["schemas"]["Kind"] | null;
            serviceId: string | null;
            customerId: string | null;
            owedSince: string | null;
            waitingSince: string | null;
            nextAt: string | null;
            attempts: number | null;
            detail: string;
        };
        /** @description What the admin's page shows: never an id, an address or a secret. */
        PageView: {
            /** @enum {string} */
            status: "pending" | "validating" | "authenticated" | "declined";
            provider: components["schemas"]["Inviter"];
            service: components["schemas"]["ServiceName"];
            /** Format: date-time */
            expiresAt: string;
            triesLeft: number;
            permissions: components["schemas"]["Permission"][];
            check: components["schemas"]["ProgressView"] | null;
        };
        Permission: {
            name: string;
            why: string;
        };
        /**
         * @description Whether a service's personal data are in use, kept for some time after that, or erased.
         * @enum {string}
         */
        PersonalData: "in-use" | "kept" | "erased";
        /** @description A check, under way (every item listed, at least as `waiting`) or done (the items that were reached). */
        ProgressView: {
            purpose: components["schemas"]["Purpose"];
            /** Format: date-time */
            startedAt: string;
            finishedAt: string | null;
            outcome: components["schemas"]["Outcome"] | null;
            waitingFor: string | null;
            attempts: number;
            items: components["schemas"]["ItemView"][];
        };
        ProviderView: {
            id: string;
            name: string;
            contact: components["schemas"]["ContactView"];
            colors: components["schemas"]["ColorsView"];
        };
        /**
         * @description Why a check runs; it decides which rule applies the outcome.
         * @enum {string}
         */
        Purpose: "submission" | "validation" | "completion";
        /** @description Why a state came about: a stable code and a sentence for the person who reads it. */
        ReasonView: {
            code: string;
            detail: string;
        };
        /** @description An app registration, never its secret. `otherCustomers` are those that its tenant is connected for already. */
        RegistrationView: {
            tenantId: string;
            tenantName: string | null;
            verifiedDomains: string[];
            clientId: string;
            applicationName: string | null;
            secretHint: string | null;
            secretExpiresOn: string | null;
            permissions: string[];
            directoryRoles: string[];
            invitedAddress: string | null;
            domainMatch: components["schemas"]["DomainMatch"];
            channel: components["schemas"]["Channel"];
            check: components["schemas"]["CheckView"] | null;
            /** @default [] */
            otherCustomers: components["schemas"]["CustomerName"][];
        };
        /** @description *Re-initiate Authentication Flow*: whom to invite for an existing service, and until when. */
        Reinitiation: {
            /** Format: email */
            adminEmail: string;
            /** @default null */
            expiresAt?: string | null;
            /**
             * @description The e-mail's language.
             * @default en
             * @enum {string}
             */
            language?: "en" | "de" | "es" | "fr";
        };
        /** @description *Resend*, perhaps to another address, or in another language; what is left out stays. */
        Resend: {
            /** @default null */
            adminEmail?: string | null;
            /** @default null */
            language?: ("en" | "de" | "es" | "fr") | null;
        };
        /** @description A client secret. `expiresOn` is the day the admin typed, used where Microsoft does not tell. */
        SecretCredential: {
            kind: components["schemas"]["CredentialKind"];
            /** @description The secret's Value, not its Secret ID. */
            value: string;
            /** @default null */
            expiresOn?: string | null;
        };
        ServiceName: {
            fullName: string;
        };
        /** @enum {string} */
        ServiceState: "invited" | "authenticated" | "validated" | "creating" | "active" | "cancelled" | "disconnected";
        /** @enum {string} */
        ServiceType: "DirectRouting";
        /**
         * @description A service. `secretExpiresOn` is of the registration in use; null without one, or where it is unknown.
         *
         *     `personalData` says whether they may be erased: not while they are in use.
         */
        ServiceView: {
            id: string;
            type: components["schemas"]["ServiceType"];
            customer: components["schemas"]["CustomerName"];
            fullName: string;
            shortName: string;
            license: components["schemas"]["License"];
            licensedUsers: number;
            state: components["schemas"]["ServiceState"];
            reason: components["schemas"]["ReasonView"] | null;
            attention: components["schemas"]["AttentionView"] | null;
            /** Format: date-time */
            createdAt: string;
            activatedAt: string | null;
            secretExpiresOn: string | null;
            invitation: components["schemas"]["InvitationRow"];
            proposal: components["schemas"]["RegistrationView"] | null;
            personalData: components["schemas"]["PersonalData"];
            etag: string;
        };
        ShortNameView: {
            value: string;
            available: boolean;
            /** @default null */
            code: string | null;
            /** @default null */
            detail: string | null;
        };
        /** @description Step 9: what the admin enters. */
        Submission: {
            /** @description The tenant's id, or a domain of it. */
            tenantId: string | unknown | unknown;
            /** Format: uuid */
            clientId: string;
            credential: components["schemas"]["SecretCredential"];
        };
        UserView: {
            id: string;
            name: string;
        };
        /** @description A problem as RFC 9457 has it; `detail` says what happened and what to do next. */
        Problem: {
            type: string;
            title: string;
            status: number;
            code: string;
            detail: string;
            /** @description For support, where the fault is ours. */
            reference?: string;
            /** @description Each faulty field, all at once. */
            errors?: {
                pointer: string;
                code: string;
                detail: string;
            }[];
            /**
             * Format: date-time
             * @description Since when a link is dead.
             */
            at?: string;
            /**
             * @description The holder of this dead link may ask for a new one.
             * @enum {boolean}
             */
            canRequest?: true;
            /**
             * Format: date-time
             * @description When somebody asked for a new link.
             */
            requestedAt?: string;
            provider?: components["schemas"]["Inviter"];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type ActorKind = components['schemas']['ActorKind'];
export type ActorView = components['schemas']['ActorView'];
export type AddedRegistration = components['schemas']['AddedRegistration'];
export type AttentionCode = components['schemas']['AttentionCode'];
export type AttentionView = components['schemas']['AttentionView'];
export type ChangedCustomer = components['schemas']['ChangedCustomer'];
export type ChangedService = components['schemas']['ChangedService'];
export type Channel = components['schemas']['Channel'];
export type CheckView = components['schemas']['CheckView'];
export type ColorsView = components['schemas']['ColorsView'];
export type ContactView = components['schemas']['ContactView'];
export type CopiedLink = components['schemas']['CopiedLink'];
export type CredentialKind = components['schemas']['CredentialKind'];
export type CustomerName = components['schemas']['CustomerName'];
export type CustomerView = components['schemas']['CustomerView'];
export type Decline = components['schemas']['Decline'];
export type DomainMatch = components['schemas']['DomainMatch'];
export type EventView = components['schemas']['EventView'];
export type ExpirySource = components['schemas']['ExpirySource'];
export type Extension = components['schemas']['Extension'];
export type Health = components['schemas']['Health'];
export type InvitationRow = components['schemas']['InvitationRow'];
export type InvitationStatus = components['schemas']['InvitationStatus'];
export type InvitationView = components['schemas']['InvitationView'];
export type Inviter = components['schemas']['Inviter'];
export type ItemName = components['schemas']['ItemName'];
export type ItemState = components['schemas']['ItemState'];
export type ItemView = components['schemas']['ItemView'];
export type Kind = components['schemas']['Kind'];
export type LanguageView = components['schemas']['LanguageView'];
export type License = components['schemas']['License'];
export type LinkEnd = components['schemas']['LinkEnd'];
export type LinkRequest = components['schemas']['LinkRequest'];
export type LinkView = components['schemas']['LinkView'];
export type M365View = components['schemas']['M365View'];
export type MailState = components['schemas']['MailState'];
export type Me = components['schemas']['Me'];
export type Mend = components['schemas']['Mend'];
export type MissingPermission = components['schemas']['MissingPermission'];
export type NewCustomer = components['schemas']['NewCustomer'];
export type NewService = components['schemas']['NewService'];
export type Outcome = components['schemas']['Outcome'];
export type OwedView = components['schemas']['OwedView'];
export type PageView = components['schemas']['PageView'];
export type Permission = components['schemas']['Permission'];
export type PersonalData = components['schemas']['PersonalData'];
export type ProgressView = components['schemas']['ProgressView'];
export type ProviderView = components['schemas']['ProviderView'];
export type Purpose = components['schemas']['Purpose'];
export type ReasonView = components['schemas']['ReasonView'];
export type RegistrationView = components['schemas']['RegistrationView'];
export type Reinitiation = components['schemas']['Reinitiation'];
export type Resend = components['schemas']['Resend'];
export type SecretCredential = components['schemas']['SecretCredential'];
export type ServiceName = components['schemas']['ServiceName'];
export type ServiceState = components['schemas']['ServiceState'];
export type ServiceType = components['schemas']['ServiceType'];
export type ServiceView = components['schemas']['ServiceView'];
export type ShortNameView = components['schemas']['ShortNameView'];
export type Submission = components['schemas']['Submission'];
export type UserView = components['schemas']['UserView'];
export type Problem = components['schemas']['Problem'];
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
