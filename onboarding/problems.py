"""What can go wrong with customers and services, in words for the operator who meets it."""

from shared.problems import Problem


class ShortNameTaken(Problem):
    status, code, title = 409, "short-name-taken", "This short name is taken"
    detail = "Another service of yours has this short name already (case does not count). Choose another one."


class CustomerNameTaken(Problem):
    status, code, title = 409, "customer-name-taken", "This customer exists already"
    detail = "A customer of yours has this name already (case does not count). Use it, or choose another name."


class IdempotencyKeyReused(Problem):
    status, code, title = 422, "idempotency-key-reused", "This Idempotency-Key was used for something else"
    detail = "Send a new Idempotency-Key with a new request; repeat an old one only with the very same body."


class NotAuthenticated(Problem):
    status, code, title = 409, "not-authenticated", "There is no registration to add yet"
    detail = (
        "The tenant's administrator has not authenticated yet, or a registration was added already. "
        "Reload the service: it says who is expected to act."
    )


class ProposalDiffers(Problem):
    status, code, title = 409, "proposal-differs", "The registration is not the one that you saw"
    detail = "Another registration has been proposed since you looked. Reload, look again, and add it if it is right."


class TenantNotThisCustomers(Problem):
    status, code, title = 409, "tenant-not-this-customers", "This tenant is not the customer's"
    detail = (
        "The customer is tied to another Microsoft tenant. Resend the invitation, so that the right tenant is entered; "
        "or correct the customer's tenant, if that is the wrong one."
    )


class AcknowledgementRequired(Problem):
    status, code, title = 409, "acknowledgement-required", "Please confirm that this tenant is the right one"
    detail = (
        "The invited address's domain is not known to be one of the tenant's verified domains. "
        "Look at the tenant's name and domains, and confirm that they are the customer's."
    )


class AlreadyActive(Problem):
    status, code, title = 409, "already-active", "This service is active already"
    detail = "Only a service that is not active yet can be cancelled. An active one can be disconnected."


class RegistrationMissing(Problem):
    status, code, title = 409, "registration-missing", "This service has no registration yet"
    detail = (
        "Add the app registration from Pending Invitations first. "
        "A disconnected service needs a new invitation for that."
    )


class NotValidated(Problem):
    status, code, title = 409, "not-validated", "The credentials are not validated yet"
    detail = "Validate the tenant's credentials first (Next in the wizard), then complete the service."


class CustomerArchived(Problem):
    status, code, title = 409, "customer-archived", "This customer is archived"
    detail = "An archived customer gets no new services. Choose another one, or restore this one first."


class NotActive(Problem):
    status, code, title = 409, "not-active", "This service is not active"
    detail = "Only an active service can be disconnected. One that is not active yet can be cancelled."


class StillInUse(Problem):
    status, code, title = 409, "still-in-use", "This data is still in use"
    detail = (
        "The invitation is open or waits for you to add its registration, so its data is needed. "
        "Revoke the invitation, or cancel or disconnect the service, then delete its personal data."
    )


class ServiceEnded(Problem):
    status, code, title = 409, "service-ended", "This service has ended"
    detail = "A disconnected service can be invited again; for a cancelled one, make a new service."
