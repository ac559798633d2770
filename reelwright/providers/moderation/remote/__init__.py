"""Classifiers of OpenAI, Azure and Mistral."""
