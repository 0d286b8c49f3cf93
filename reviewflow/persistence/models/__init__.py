"""Tables, one module a feature; importing this package registers them all."""

from reviewflow.persistence.models import accounts, audit, deliberation, publication, recommendations

__all__ = ["accounts", "audit", "deliberation", "publication", "recommendations"]
