//! The host's life as the editor sees it.

use crate::support::Nvim;

#[tokio::test]
async fn the_host_starts_on_first_use_and_answers() {
    let nvim = Nvim::start(&[]).await;
    assert_eq!(
        nvim.lua("return require('promptstack.host').state()").await,
        "stopped"
    );
    nvim.lua(
        "require('promptstack.rpc.contract').placeholder_parse({ lines = { 'a {{text:b}}' } }, \
         function(err, reply) _G.answer = { err = err, stops = reply and #reply.stops } end)",
    )
    .await;
    nvim.holds("return _G.answer ~= nil").await;
    assert_eq!(
        nvim.lua("return _G.answer").await,
        serde_json::json!({ "stops": 1 })
    );
    nvim.quit().await;
}
