"""What every endpoint needs: who asks, the body on disk, first answers, problem documents, answers.

In: a request. Out: a caller, a body within limits, a response. Every API and the pages use it; it knows no endpoint.
"""
