"""The stock `openai` client against the gateway."""

import openai
import pytest


@pytest.fixture(scope="module")
def client(server, token):
    return openai.OpenAI(base_url=f"{server.url}/v1", api_key=token, max_retries=0, timeout=60)


@pytest.fixture(scope="module")
def model(demo):
    return demo.facts["model"]


MESSAGES = [{"role": "user", "content": "This crate provides"}]


def test_models_are_listed(client, model):
    assert model in [entry.id for entry in client.models.list()]
    assert client.models.retrieve(model).id == model


def test_chat_answers_with_usage(client, model):
    reply = client.chat.completions.create(model=model, messages=MESSAGES, max_tokens=24, seed=1)
    assert reply.choices[0].message.role == "assistant" and reply.choices[0].message.content
    assert reply.choices[0].finish_reason in ("stop", "length")
    usage = reply.usage
    assert usage.prompt_tokens > 0 and 0 < usage.completion_tokens <= 24
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens


def test_chat_streams_the_same_text(client, model):
    ask = dict(model=model, messages=MESSAGES, max_tokens=24, temperature=0)
    whole = client.chat.completions.create(**ask)
    chunks = list(client.chat.completions.create(**ask, stream=True, stream_options={"include_usage": True}))
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == whole.choices[0].message.content
    assert chunks[-1].usage == whole.usage


def test_completion_streams_the_same_text(client, model):
    ask = dict(model=model, prompt="The library is", max_tokens=24, temperature=0)
    whole = client.completions.create(**ask)
    chunks = [chunk for chunk in client.completions.create(**ask, stream=True) if chunk.choices]
    assert whole.choices[0].text and len(chunks) > 1
    assert "".join(chunk.choices[0].text for chunk in chunks) == whole.choices[0].text


def test_a_seed_repeats_an_answer(client, model):
    ask = dict(model=model, prompt="Usage:", max_tokens=16, temperature=1, seed=7)
    assert client.completions.create(**ask).choices[0].text == client.completions.create(**ask).choices[0].text


@pytest.mark.parametrize("prompt", ["Licensed under the MIT license.", "模速 is a platform 🙂."])
def test_echo_tells_log_probabilities(client, model, prompt):
    reply = client.completions.create(model=model, prompt=prompt, max_tokens=0, echo=True, logprobs=1)
    logprobs = reply.choices[0].logprobs
    assert reply.choices[0].text == prompt
    assert len(logprobs.tokens) == len(logprobs.token_logprobs) == len(logprobs.text_offset) == reply.usage.prompt_tokens
    assert logprobs.token_logprobs[0] is None
    assert all(value <= 0 for value in logprobs.token_logprobs[1:])
    assert logprobs.text_offset == sorted(logprobs.text_offset) and logprobs.text_offset[-1] < len(prompt)


def test_failures_raise_the_clients_own_types(client, model, server):
    ask = dict(model=model, messages=MESSAGES, max_tokens=4)
    with pytest.raises(openai.NotFoundError):
        client.chat.completions.create(**(ask | {"model": "nobody/nothing"}))
    with pytest.raises(openai.BadRequestError):
        client.chat.completions.create(**(ask | {"max_tokens": -1}))
    with pytest.raises(openai.BadRequestError):
        client.chat.completions.create(**(ask | {"temperature": 99}))
    stranger = openai.OpenAI(base_url=f"{server.url}/v1", api_key="mosu_wrong", max_retries=0)
    with pytest.raises(openai.AuthenticationError):
        stranger.chat.completions.create(**ask)


def test_a_client_that_leaves_is_charged_and_the_server_goes_on(client, model):
    stream = client.chat.completions.create(model=model, messages=MESSAGES, max_tokens=64, stream=True)
    next(iter(stream))
    stream.close()
    assert client.chat.completions.create(model=model, messages=MESSAGES, max_tokens=4).usage.total_tokens > 0
