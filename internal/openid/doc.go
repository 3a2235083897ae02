// Package openid verifies the tokens (JWTs) that OpenID providers have signed for clients, and
// tells from their claims who a client is.
//
// A token counts if a provider of the configuration signed it, for the audience of the
// configuration, with a key that the provider publishes now. Nothing else that a token says is
// believed before that, but for which provider to ask and which key to take.
package openid
