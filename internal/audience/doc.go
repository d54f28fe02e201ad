// Package audience knows people outside the company, their identities and what the team noted about them.
package audience
