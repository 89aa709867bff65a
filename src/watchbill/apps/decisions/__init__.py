"""Assignment policies with versions, modes of queues, and every proposal with its reasons and what became of it."""
