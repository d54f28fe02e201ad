// Package webhook tells a company's own programs what happens, signed, until they have heard it.
package webhook
