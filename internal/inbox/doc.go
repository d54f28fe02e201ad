// Package inbox gathers conversations and answers them as a team.
package inbox
