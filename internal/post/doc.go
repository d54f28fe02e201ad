// Package post writes, adapts, approves and delivers posts.
package post
