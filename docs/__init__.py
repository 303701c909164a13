"""What is made for the documentation by running the playground:  python -m docs"""
