// Package mastodon speaks the client API of Mastodon, as Mastodon and other servers offer it.
package mastodon
