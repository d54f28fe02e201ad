// Package mastodontest is a server that behaves like Mastodon 4.3, or like GoToSocial, towards clients and browsers, as
// far as Ponte goes there; in tests it can be told to misbehave.
package mastodontest
