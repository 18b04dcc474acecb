"""The room in which staff answer."""
