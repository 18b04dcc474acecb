"""The accounts of an organisation, for its leaders and administrators."""
