//! A client without a socket: requests go through `Sandbox::respond`.

use amictl_model::Moment;
use amictl_sandbox::{Clock, Delivery, Sandbox, SandboxConfig, World};
use hyper::Request;
use hyper::body::Bytes;

/// When the tests' clocks begin.
pub(crate) fn now() -> Moment {
    "2026-11-21T09:00:00Z".parse().unwrap()
}

/// One account in one Region.
pub(crate) struct Door {
    pub(crate) sandbox: Sandbox,
    pub(crate) account: &'static str,
    pub(crate) region: &'static str,
}

/// A whole answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) text: String,
}

impl Answer {
    /// The text of the first element of this name.
    pub(crate) fn element(&self, name: &str) -> &str {
        let rest = self.text.split(&format!("<{name}>")).nth(1).unwrap_or_else(|| panic!("no {name}: {}", self.text));
        rest.split('<').next().unwrap()
    }

    /// The code of an error.
    pub(crate) fn code(&self) -> &str {
        assert!(self.status >= 400, "{self:?}");
        self.element("Code")
    }

    /// The answer without its request id.
    pub(crate) fn content(&self) -> String {
        let (head, rest) = self.text.split_once("<requestId>").unwrap();
        format!("{head}{}", rest.split_once("</requestId>").unwrap().1)
    }
}

impl Door {
    /// A door to an empty world, with the clock at [`now`].
    pub(crate) fn new(config: SandboxConfig) -> Self {
        Self { sandbox: Sandbox::new(World::new(1), config), account: "123456789012", region: "us-east-1" }
    }

    /// The same world from elsewhere.
    pub(crate) fn of(&self, account: &'static str, region: &'static str) -> Self {
        Self { sandbox: self.sandbox.clone(), account, region }
    }

    /// Sends a request of a service.
    pub(crate) async fn send(&self, service: &str, request: hyper::http::request::Builder, body: &str) -> Delivery {
        let scope = format!("{}/20261121/{}/{service}/aws4_request", self.account, self.region);
        let signature = format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0");
        let request = request.header("authorization", signature).body(Bytes::from(body.to_owned())).unwrap();
        self.sandbox.respond(request).await
    }

    /// Sends a call of EC2.
    pub(crate) async fn deliver(&self, form: &str) -> Delivery {
        self.send("ec2", Request::post("/"), form).await
    }

    /// A call of EC2 that is answered.
    pub(crate) async fn ec2(&self, form: &str) -> Answer {
        answer(self.deliver(form).await)
    }

    /// A call of a service with a query protocol that is answered.
    pub(crate) async fn query(&self, service: &str, form: &str) -> Answer {
        answer(self.send(service, Request::post("/"), form).await)
    }

    /// A call of EC2 that succeeds.
    pub(crate) async fn done(&self, form: &str) -> Answer {
        let answer = self.ec2(form).await;
        assert_eq!(answer.status, 200, "{form}: {}", answer.text);
        answer
    }
}

/// The answer that arrived whole.
pub(crate) fn answer(delivery: Delivery) -> Answer {
    let response = delivery.whole().expect("an answer that arrives");
    Answer { status: response.status().as_u16(), text: String::from_utf8(response.body().to_vec()).unwrap() }
}

/// The sandbox of a test, with the clock standing still at [`now`].
pub(crate) fn still() -> SandboxConfig {
    SandboxConfig { clock: Clock::fixed(now()), ..SandboxConfig::default() }
}
