package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// startMail starts a mail server with a certificate of its own, which writes its ports to a file when they listen. Tests find all they need
// in PONTE_TEST_MAIL, as JSON.
func (h *house) startMail(ctx context.Context) error {
	dir := filepath.Join(h.dir, "mail")
	box := filepath.Join(dir, "box")
	if err := os.MkdirAll(box, 0o700); err != nil {
		return err
	}
	cert, key, ready := filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem"), filepath.Join(dir, "ready.json")
	if err := writeCertificate(cert, key); err != nil {
		return err
	}
	const user = "ponte"
	cmd := exec.Command("node", "./mail.mjs")
	cmd.Dir = filepath.Join(h.opts.root, "test/mail")
	cmd.Env = append(os.Environ(), "PONTE_MAIL_BOX="+box, "PONTE_MAIL_KEY="+key, "PONTE_MAIL_CERT="+cert, "PONTE_MAIL_USER="+user,
		"PONTE_MAIL_PASSWORD="+h.password, "PONTE_MAIL_READY="+ready)
	node, err := h.add("mail", syscall.SIGTERM, cmd)
	if err != nil {
		return err
	}
	var at struct {
		Submission int    `json:"submission"`
		Implicit   int    `json:"implicit"`
		User       string `json:"user"`
		Password   string `json:"password"`
		Box        string `json:"box"`
		Cert       string `json:"cert"`
	}
	if err := node.waitUntil(ctx, 30*time.Second, func(context.Context) error {
		text, err := os.ReadFile(ready)
		if err != nil {
			return err
		}
		return json.Unmarshal(text, &at)
	}); err != nil {
		return err
	}
	at.User, at.Password, at.Box, at.Cert = user, h.password, box, cert
	text, err := json.Marshal(at)
	if err != nil {
		return err
	}
	h.exported["PONTE_TEST_MAIL"] = string(text)
	return nil
}

// writeCertificate makes a certificate for this machine that nobody has signed but itself.
func writeCertificate(cert, key string) error {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Ponte tests"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(0, 0, 7),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		return err
	}
	raw, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return err
	}
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: raw}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			return err
		}
	}
	return nil
}
