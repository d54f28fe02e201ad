// Package blueskytest acts on a real PDS as a stranger would, for tests.
package blueskytest
