// Package triage says what language, tone, theme and criticism a short text carries, and why.
package triage
