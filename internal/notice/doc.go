// Package notice tells members by letter, and programs by webhook, when a message does not get out.
package notice
