"""The connector to Open-Xchange platforms: import from `oxherd.ox.interface`."""
