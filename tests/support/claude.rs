//! Answers of Claude's as they are on the wire.

/// The beginning of one.
pub fn begin() -> String {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
    let message = r#"{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-5-5","content":[],"stop_reason":null,"usage":{"input_tokens":800,"output_tokens":1}}}"#;
    let block =
        r#"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}"#;
    format!(
        "{head}event: message_start\ndata: {message}\n\nevent: content_block_start\ndata: {block}\n\n"
    )
}

/// A piece of its text.
pub fn piece(text: &str) -> String {
    let data = serde_json::json!({
        "type": "content_block_delta",
        "index": 0,
        "delta": { "type": "text_delta", "text": text },
    });
    format!("event: content_block_delta\ndata: {data}\n\n")
}

/// Its end.
pub fn end(stop: &str) -> String {
    format!(
        "event: content_block_stop\ndata: {{\"type\":\"content_block_stop\",\"index\":0}}\n\n\
         event: message_delta\ndata: {{\"type\":\"message_delta\",\"delta\":{{\"stop_reason\":\"{stop}\"}},\"usage\":{{\"output_tokens\":90}}}}\n\n\
         event: message_stop\ndata: {{\"type\":\"message_stop\"}}\n\n"
    )
}

/// A whole one.
pub fn answer(text: &str) -> Vec<u8> {
    (begin() + &piece(text) + &end("end_turn")).into_bytes()
}
