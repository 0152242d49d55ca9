"""The invitation's use cases: the operator's, the administrator's, and the owed work of mails and expiry."""
