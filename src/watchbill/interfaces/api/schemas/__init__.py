"""The shapes that go in and out, as the OpenAPI document tells them; answers are rendered by hand in the same shape."""
