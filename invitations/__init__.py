"""The invitation: links, e-mail, the tenant admin's wizard page and expiry."""
