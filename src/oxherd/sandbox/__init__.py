"""A stand-in for an Open-Xchange provisioning server: the other side of the wire, sharing no code with the rest."""
