// Package config reads the settings from the command line, the environment and a file.
package config
