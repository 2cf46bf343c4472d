//! `promptstack models`

use serde_json::{Value as Json, json};

use super::Outcome;
use super::output::Output;
use crate::ai::middleware::cost::MicroUsd;
use crate::ai::provider::Model;
use crate::app::App;
use crate::app::asking::{KnownTask, PerMillion};
use crate::error::{Error, Result};
use crate::tokens::Tokens;

#[derive(clap::Args)]
pub struct Args {
    /// The provider that is asked; without it all that the configuration names.
    #[arg(long, value_name = "NAME")]
    provider: Option<String>,
}

/// What a provider offers, or why nobody knows.
struct Offer {
    provider: String,
    models: Result<Vec<(Model, Option<PerMillion>)>>,
}

pub async fn run(app: &App, args: Args, output: &Output) -> Result<Outcome> {
    let names: Vec<String> = match args.provider {
        Some(name) => vec![name],
        None => {
            let known = app.known_providers().into_iter();
            let configured = known.filter(|provider| provider.is_configured);
            configured.map(|provider| provider.name).collect()
        }
    };
    if names.is_empty() {
        return Err(Error::config("no provider is configured")
            .hint("set ai_provider in config.yaml, or name one with --provider"));
    }
    let mut offers = Vec::new();
    for provider in names {
        let models = offered(app, &provider).await;
        // One that fails does not hide the others.
        if let Err(error) = &models {
            let message = format!("{provider}: {}", error.message());
            let named = Error::new(error.kind(), message);
            output.error(&match error.hint_text() {
                Some(hint) => named.hint(hint),
                None => named,
            });
        }
        offers.push(Offer { provider, models });
    }
    let tasks = app.known_tasks();
    output.result(&as_json(&offers, &tasks), || as_text(&offers, &tasks))?;
    let any = |is: fn(&Result<Vec<_>>) -> bool| offers.iter().any(|offer| is(&offer.models));
    Ok(
        match any(|it| it.as_ref().is_ok_and(|models| !models.is_empty())) {
            true => Outcome::Done,
            false if any(Result::is_err) => Outcome::Failed,
            false => Outcome::Nothing,
        },
    )
}

async fn offered(app: &App, provider: &str) -> Result<Vec<(Model, Option<PerMillion>)>> {
    let models = app.models(provider).await?;
    let priced = models.into_iter().map(|model| {
        let price = app.price(provider, &model.id)?;
        Ok((model, price))
    });
    priced.collect()
}

/// The tasks that a model does.
fn tasks_of<'a>(tasks: &'a [KnownTask], provider: &str, model: &str) -> Vec<&'a str> {
    let does = |task: &&KnownTask| {
        task.provider == provider && task.model.as_deref().is_some_and(|own| is_same(own, model))
    };
    tasks.iter().filter(does).map(|task| &*task.name).collect()
}

/// Whether a model is the one that is meant: Ollama's have a tag.
fn is_same(meant: &str, model: &str) -> bool {
    meant == model || model.strip_suffix(":latest") == Some(meant)
}

fn as_json(offers: &[Offer], tasks: &[KnownTask]) -> Json {
    let model = |provider: &str, (model, price): &(Model, Option<PerMillion>)| {
        json!({
            "id": model.id,
            "name": model.name,
            "input_limit": model.input_limit,
            "output_limit": model.output_limit,
            "micro_usd_per_million": price,
            "roles": tasks_of(tasks, provider, &model.id),
        })
    };
    let offer = |offer: &Offer| {
        let (models, error) = match &offer.models {
            Ok(models) => {
                let models = models.iter().map(|it| model(&offer.provider, it));
                (models.collect::<Vec<_>>(), Json::Null)
            }
            Err(error) => (Vec::new(), json!(error.to_string())),
        };
        json!({ "provider": offer.provider, "models": models, "error": error })
    };
    json!({ "providers": offers.iter().map(offer).collect::<Vec<_>>() })
}

fn as_text(offers: &[Offer], tasks: &[KnownTask]) -> String {
    let mut text = String::new();
    let mut dates = Vec::new();
    for Offer { provider, models } in offers {
        let Ok(models) = models else {
            continue;
        };
        text += &format!("{provider}\n");
        if models.is_empty() {
            text += "  offers none\n";
        }
        let width = models.iter().map(|(it, _)| it.id.chars().count());
        let width = width.max().unwrap_or(0);
        for (model, price) in models {
            let mut told = vec![match price {
                Some(PerMillion {
                    input: 0,
                    output: 0,
                    ..
                }) => "free".to_owned(),
                Some(price) => format!(
                    "{} in, {} out",
                    MicroUsd(price.input),
                    MicroUsd(price.output)
                ),
                None => "price not known".to_owned(),
            }];
            dates.extend(price.iter().filter_map(|price| price.looked_up.clone()));
            let tokens = |count: u64| Tokens(u32::try_from(count).unwrap_or(u32::MAX));
            if let Some(limit) = model.input_limit {
                told.push(format!("takes {}", tokens(limit)));
            }
            if let Some(limit) = model.output_limit {
                told.push(format!("gives {}", tokens(limit)));
            }
            let does = tasks_of(tasks, provider, &model.id);
            if !does.is_empty() {
                told.push(format!("does {}", does.join(", ")));
            }
            let told = told.join("; ");
            text += &format!("  {:width$}  {told}\n", model.id);
        }
    }
    dates.sort();
    if let Some(oldest) = dates.first() {
        text += &format!("prices are for a million tokens, looked up {oldest} or later\n");
    }
    text
}
