package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"

	"clew/domain"
	"clew/web/access"
)

// open listens. What others can reach must be TLS, or stand behind a proxy
// that is.
func (s *serving) open(ctx context.Context) (net.Listener, error) {
	host, _, err := net.SplitHostPort(s.listen)
	if err != nil {
		return nil, domain.Usage("--listen %s: an address and a port, such as 127.0.0.1:8080: %v", s.listen, err)
	}
	if ip := net.ParseIP(host); s.cert == "" && !s.behind && host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, domain.Usage("--listen %s can be reached by others, who would sign in and read in clear: give --tls-cert and --tls-key, or --behind-proxy where a proxy speaks https to them", s.listen)
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", s.listen)
	if err != nil || s.cert == "" {
		return listener, err
	}
	pair, err := tls.LoadX509KeyPair(s.cert, s.key)
	if err != nil {
		return nil, errors.Join(domain.Usage("--tls-cert %s: %v", s.cert, err), listener.Close())
	}
	return tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}), nil
}

// settings are how people sign in.
func (s *serving) settings(l net.Listener) (access.Settings, error) {
	settings := s.access
	if s.oidc.Issuer == "" {
		return settings, nil
	}
	s.oidc.Back = s.address(l) + access.BackPath
	if s.secretFile != "" {
		text, err := os.ReadFile(s.secretFile)
		if err != nil {
			return settings, domain.Usage("--oidc-client-secret-file: %v", err)
		}
		line, _, _ := strings.Cut(string(text), "\n")
		s.oidc.ClientSecret = strings.TrimSpace(line)
	}
	settings.Provider = &s.oidc
	return settings, nil
}

// address is where people reach the server.
func (s *serving) address(l net.Listener) string {
	if s.url != "" {
		return strings.TrimSuffix(s.url, "/")
	}
	scheme := "http"
	if s.cert != "" {
		scheme = "https"
	}
	return fmt.Sprintf("%s://%s", scheme, l.Addr())
}
