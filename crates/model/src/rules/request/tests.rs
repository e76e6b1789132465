use super::*;
use serde_json::json;

fn completion_of(body: Value) -> Result<Ask> {
    completion(body.to_string().as_bytes())
}

fn chat_of(body: Value) -> Result<Ask> {
    chat(body.to_string().as_bytes())
}

#[test]
fn a_plain_completion_has_openai_defaults() {
    let ask =
        completion_of(json!({"model": "a/b", "prompt": "Hi", "user": "u", "unknown": {"x": 1}})).unwrap();
    assert_eq!(ask.prompts, [Prompt::Text("Hi".into())]);
    assert_eq!((ask.max_tokens, ask.temperature, ask.top_p), (Some(16), 1.0, 1.0));
    assert_eq!((ask.echo, ask.stream, ask.logprobs, ask.seed), (false, false, None, None));
}

#[test]
fn prompts_come_in_four_shapes() {
    let prompts =
        |prompt: Value| completion_of(json!({"model": "m", "prompt": prompt})).map(|ask| ask.prompts);
    assert_eq!(prompts(json!([1, 2])).unwrap(), [Prompt::Ids(vec![1, 2])]);
    assert_eq!(prompts(json!(["a", "b"])).unwrap().len(), 2);
    assert_eq!(prompts(json!([[1], [2, 3]])).unwrap()[1], Prompt::Ids(vec![2, 3]));
    assert_eq!(prompts(json!([["a"]])).unwrap_err().code, "request_invalid");
    for wrong in [json!([]), json!(5), json!({"a": 1}), json!([1, "a"]), json!([-1]), json!(vec!["x"; 65])] {
        assert!(prompts(wrong.clone()).is_err(), "{wrong}");
    }
}

#[test]
fn chat_messages_become_paragraphs() {
    let ask = chat_of(json!({"model": "m", "messages": [
        {"role": "system", "content": "One."},
        {"role": "user", "content": [{"type": "text", "text": "Two"}, {"type": "text", "text": "!"}]},
    ], "logprobs": true, "top_logprobs": 3, "stream": true, "stream_options": {"include_usage": true}}))
    .unwrap();
    assert_eq!(ask.prompts, [Prompt::Text("One.\n\nTwo!\n\n".into())]);
    assert_eq!((ask.logprobs, ask.max_tokens, ask.stream, ask.include_usage), (Some(3), None, true, true));
    let most =
        json!({"model": "m", "messages": [{"role": "user", "content": "x"}], "max_completion_tokens": 7});
    assert_eq!(chat_of(most).unwrap().max_tokens, Some(7));
}

#[test]
fn bad_values_are_refused_by_name() {
    for (field, value) in [
        ("temperature", json!(3)),
        ("temperature", json!("hot")),
        ("top_p", json!(-0.1)),
        ("max_tokens", json!(-1)),
        ("max_tokens", json!(1.5)),
        ("stop", json!([1])),
        ("stop", json!(["a", "b", "c", "d", "e"])),
        ("stop", json!("")),
        ("stream", json!("yes")),
        ("logprobs", json!(21)),
        ("seed", json!("x")),
        ("n", json!(2)),
        ("best_of", json!(3)),
        ("tools", json!([{"type": "function"}])),
        ("response_format", json!({"type": "json_object"})),
        ("presence_penalty", json!(0.5)),
    ] {
        let mut body = json!({"model": "m", "prompt": "x"});
        body[field] = value.clone();
        let error = completion_of(body).expect_err(field);
        assert!(error.text.contains(field), "{field} = {value}: {error}");
    }
    for body in ["", "[]", "nonsense", "{}"] {
        assert!(completion(body.as_bytes()).is_err() && chat(body.as_bytes()).is_err());
    }
    assert!(chat_of(json!({"model": "m", "messages": [{"role": "tool", "content": "x"}]})).is_err());
    assert!(
        chat_of(json!({"model": "m", "messages": [{"role": "user", "content": [{"type": "image_url"}]}]}))
            .is_err()
    );
}
