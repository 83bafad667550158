// Package providertest tries the sign-in by an identity provider against a
// real one: that of zitadel/oidc, which runs within the test. It is a module
// of its own, so that clew's go.mod does not name what an identity provider
// is made of. There is nothing here but the test.
//
//	cd web/access/providertest && go test ./...
package providertest
