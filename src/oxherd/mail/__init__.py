"""What Postfix and Dovecot read, and how they are set up."""
