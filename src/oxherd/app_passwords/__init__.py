"""Application passwords: one for each program or device that fetches a user's mail."""
