//! Floor 3: model as a service (模型即服务): the OpenAI-compatible gateway.
