// Loaded in the wizard's frame: this page is of the same origin as the one around it, and so may close it.
parent.simpleWizard?.close();
