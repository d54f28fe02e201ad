// Package bluesky speaks the AT Protocol with the app.bsky lexicons.
package bluesky
