from docs import bugs, pictures, reference

reference.main()
pictures.main()
bugs.main()
