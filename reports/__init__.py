"""From measures to documents: values in, bytes out. No Flask, no database."""
