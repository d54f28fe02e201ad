// Package seal encrypts secrets at rest and rotates their keys.
package seal
