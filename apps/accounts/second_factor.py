"""allauth's codes of a second factor, with their keys sealed in the database (MFA_ADAPTER)."""

from allauth.mfa.adapter import DefaultMFAAdapter

from apps.core.sealing import seal, unseal


class SealedFactors(DefaultMFAAdapter):
    """What allauth keeps of a person's second factor."""

    def encrypt(self, text: str) -> str:
        """As it is kept."""
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """As it is used."""
        return unseal(encrypted_text)
