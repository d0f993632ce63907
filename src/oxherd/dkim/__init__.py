"""The keys that sign the mail of domains (DKIM, RFC 6376)."""
